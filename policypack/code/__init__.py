"""Static analysis of the Python code of a function: which operations of AWS it may call through boto3."""
