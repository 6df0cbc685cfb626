"""Where conversations are kept: tables, encryption and migrations. Only the gateway writes."""
