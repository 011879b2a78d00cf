"""Who buys: merchants, companies, business units, buyer relations, customers. Imports the stores below."""
