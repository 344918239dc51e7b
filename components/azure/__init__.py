"""What all Azure resources share: names, built-in roles, role assignments, options."""
