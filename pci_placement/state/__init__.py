"""What is kept on this host between passes."""
