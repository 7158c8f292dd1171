//! Stories across services, interoperation with other people's software, faults, races, benches.
