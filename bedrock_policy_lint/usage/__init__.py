"""What is called: declared usages, the authorisation requests that each causes, and the verdict on them."""
