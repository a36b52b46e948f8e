"""SageMaker hosting: models, endpoint configurations and endpoints, stored as they were sent, and their invocations.

moto drops much of what it accepts, and its InvokeEndpoint neither checks endpoints nor predicts; it answers the rest of
SageMaker.
"""
