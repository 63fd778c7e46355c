//! The Kubernetes minor versions whose behaviour is known.

/// A Kubernetes minor version; later ones compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V1_34,
    V1_35,
    V1_36,
    V1_37,
}

impl Version {
    /// Reads `"1.37"`.
    pub(crate) fn parse(text: &str) -> Result<Version, String> {
        match text {
            "1.34" => Ok(Version::V1_34),
            "1.35" => Ok(Version::V1_35),
            "1.36" => Ok(Version::V1_36),
            "1.37" => Ok(Version::V1_37),
            other => Err(format!("version {other:?}: known are 1.34, 1.35, 1.36 and 1.37")),
        }
    }
}
