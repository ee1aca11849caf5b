//! From a SAM template to the resources of the local cloud.
