//! Contracts made ready: each compiled once per process.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jsonschema::Validator;
use serde_json::Value;

use crate::contract::Upcast;
use crate::schema::{closed_at, document, schema_of};
use crate::{Contract, ContractError, ContractErrorKind, OlderVersion, Violation};

type Cache = RwLock<BTreeMap<TypeId, Result<Arc<Compiled>, ContractError>>>;

static CACHE: LazyLock<Cache> = LazyLock::new(Cache::default);

/// A contract with its validators.
pub(crate) struct Compiled {
    event_type: &'static str,
    current: u32,
    versions: BTreeMap<u32, Version>,
}

pub(crate) struct Version {
    pub(crate) schema: Value,
    pub(crate) sample: Value,
    validator: Validator,
    /// To the next version; none for the current one.
    upcast: Option<Upcast>,
}

impl Compiled {
    /// The contract of `T`, compiled at the first call.
    pub(crate) fn of<T: Contract>() -> Result<Arc<Self>, ContractError> {
        let key = TypeId::of::<T>();
        if let Some(compiled) = CACHE.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return compiled.clone();
        }
        let compiled = Self::compile::<T>().map(Arc::new);
        CACHE.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(compiled).clone()
    }

    fn compile<T: Contract>() -> Result<Self, ContractError> {
        let mut versions = BTreeMap::new();
        for older in T::older() {
            let OlderVersion { version, schema, sample, upcast } = older;
            let sample = sample.map_err(|why| broken::<T>(version, why))?;
            let schema = document(&schema, T::TYPE, version);
            versions.insert(version, Version::compile::<T>(version, schema, sample, Some(upcast))?);
        }
        let sample = serde_json::to_value(T::sample()).map_err(|error| broken::<T>(T::VERSION, error.to_string()))?;
        let schema = document(&schema_of::<T>(), T::TYPE, T::VERSION);
        versions.insert(T::VERSION, Version::compile::<T>(T::VERSION, schema, sample, None)?);
        check_chain::<T>(&versions)?;
        Ok(Self { event_type: T::TYPE, current: T::VERSION, versions })
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = (u32, &Version)> {
        self.versions.iter().map(|(version, of)| (*version, of))
    }

    /// Holds data against the schema of `version`.
    pub(crate) fn validate(&self, version: u32, data: &Value) -> Result<(), ContractError> {
        let of = self.version(version)?;
        // Whether it is valid is told much sooner than what is wrong with it.
        if of.validator.is_valid(data) {
            return Ok(());
        }
        Err(ContractError::new(self.event_type, version, ContractErrorKind::Invalid, of.violations(data)))
    }

    /// Brings data of `version` up to the current one, validating at every step.
    pub(crate) fn upcast<'a>(&self, mut version: u32, data: &'a Value) -> Result<Cow<'a, Value>, ContractError> {
        let mut data = Cow::Borrowed(data);
        self.validate(version, &data)?;
        while let Some(upcast) = &self.version(version)?.upcast {
            let failed = |why| ContractError::because(self.event_type, version, ContractErrorKind::Upcast, why);
            data = Cow::Owned(upcast(data.into_owned()).map_err(failed)?);
            version += 1;
            self.validate(version, &data)?;
        }
        Ok(data)
    }

    fn version(&self, version: u32) -> Result<&Version, ContractError> {
        self.versions.get(&version).ok_or_else(|| {
            let known: Vec<_> = self.versions.keys().map(u32::to_string).collect();
            let message = format!("version {} is current, understood are {}", self.current, known.join(", "));
            ContractError::because(self.event_type, version, ContractErrorKind::UnknownVersion, message)
        })
    }
}

impl Version {
    fn compile<T: Contract>(
        version: u32,
        schema: Value,
        sample: Value,
        upcast: Option<Upcast>,
    ) -> Result<Self, ContractError> {
        if let Some(pointer) = closed_at(&schema) {
            let message = format!("the schema refuses unknown members at {pointer:?}");
            return Err(broken::<T>(version, message));
        }
        let validator = Validator::new(&schema).map_err(|error| broken::<T>(version, error.to_string()))?;
        let compiled = Self { schema, sample, validator, upcast };
        match compiled.violations(&compiled.sample) {
            violations if violations.is_empty() => Ok(compiled),
            violations => Err(ContractError::new(T::TYPE, version, ContractErrorKind::Definition, violations)),
        }
    }

    fn violations(&self, data: &Value) -> Vec<Violation> {
        let violation = |error: jsonschema::ValidationError<'_>| Violation {
            pointer: error.instance_path().to_string(),
            message: error.masked().to_string(),
        };
        let mut violations: Vec<_> = self.validator.iter_errors(data).map(violation).collect();
        violations.sort();
        violations
    }
}

/// Every version but the current one leads to the next, and none is missing in between.
fn check_chain<T: Contract>(versions: &BTreeMap<u32, Version>) -> Result<(), ContractError> {
    let first = versions.keys().next().copied().unwrap_or_default();
    let whole = versions.keys().copied().eq(first..=T::VERSION);
    let leads = versions.iter().all(|(version, of)| of.upcast.is_some() == (*version < T::VERSION));
    if first >= 1 && whole && leads {
        return Ok(());
    }
    let listed: Vec<_> = versions.keys().map(u32::to_string).collect();
    Err(broken::<T>(
        T::VERSION,
        format!("versions {} should lead up to {} without a gap", listed.join(", "), T::VERSION),
    ))
}

fn broken<T: Contract>(version: u32, message: impl Into<String>) -> ContractError {
    ContractError::because(T::TYPE, version, ContractErrorKind::Definition, message)
}
