"""Templates of AWS CloudFormation, and what is written on top of them: SAM, CDK output, Serverless Framework."""
