"""Trust policies: who may assume a role."""
