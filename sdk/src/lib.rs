//! Log in with Aval, sign, verify: what everybody else uses.
