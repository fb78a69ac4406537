"""From devices and aliases to resource classes, traits, providers and queries."""
