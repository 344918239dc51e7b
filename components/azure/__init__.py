"""What all Azure resources share: names, RBAC roles, role assignments, the component base class."""
