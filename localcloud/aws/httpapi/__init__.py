"""HTTP APIs in front of queues: what a request becomes, how many are let in, what is logged of them."""
