"""What stands in the configuration files, before it means anything."""
