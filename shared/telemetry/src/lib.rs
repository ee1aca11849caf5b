//! Journal lines, JSON logs, EMF metrics: what a function says about itself.
