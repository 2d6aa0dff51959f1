"""What every rubric talks about: the network of the customers and its measures."""
