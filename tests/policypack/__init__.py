"""The parts that rules are made of: values, resources, the stack, @rule, evaluation, the wire, the kit."""
