"""What is seen and done in the extranet, one folder a rubric."""
