"""What Bedrock's own ARNs and actions mean."""
