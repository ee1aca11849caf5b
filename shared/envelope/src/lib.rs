//! Event envelopes: CloudEvents attributes, correlation, trace context, and the forms an event arrives in.
