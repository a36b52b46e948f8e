"""SageMaker's hosting: models, endpoint configurations and endpoints kept as they were sent, and what they answer.

moto drops much of what it accepts and its InvokeEndpoint neither knows endpoints nor predicts; the rest of SageMaker
is left to it.
"""
