"""What we change in ministack and moto: one module a subject, each change with its reason.

`pins.check` refuses to start on any other version than the one they were read in.
"""
