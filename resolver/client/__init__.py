"""Asking: questions to DNS servers, the walk along a search path as two C libraries do it, a Pod's resolv.conf."""
