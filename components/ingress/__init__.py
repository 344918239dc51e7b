"""What a request meets first: DNS, certificates, Application Gateway and its WAF policy."""
