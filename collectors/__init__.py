"""The collector: asks routers over SNMP and fills the measures. It knows no rubric."""
