"""Would AWS allow a request? IAM's logic over policies and requests, in three values, whatever their format."""
