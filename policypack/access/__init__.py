"""The permissions of a stack: who may do what to which resource, what is needed, what is unused, how to narrow it."""
