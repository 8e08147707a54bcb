"""How a change that is only described becomes a changed object: the API's four patch types. Pure."""
