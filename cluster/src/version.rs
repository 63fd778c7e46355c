//! The Kubernetes minor versions whose scheduler is reproduced.

use std::{fmt, str::FromStr};

use crate::error::{Error, ErrorKind};

/// A Kubernetes minor version; the rules of its newest patch release apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the variants name the versions")]
pub enum Version {
    V1_34,
    V1_35,
    V1_36,
    #[default]
    V1_37,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Version; 4] = [Version::V1_34, Version::V1_35, Version::V1_36, Version::V1_37];

    /// The name, as in `1.37`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Version::V1_34 => "1.34",
            Version::V1_35 => "1.35",
            Version::V1_36 => "1.36",
            Version::V1_37 => "1.37",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Version {
    type Err = Error;

    /// Reads `1.37`, `v1.37` and what servers report, such as `v1.37.2-eks-1a2b3c` or `v1.37.0+k3s1`: only the minor
    /// version decides.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bare = text.trim().trim_start_matches('v');
        Version::ALL
            .into_iter()
            .find(|version| {
                bare.strip_prefix(version.name()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
            })
            .ok_or_else(|| {
                let problem = format!("`{text}` is not a Kubernetes version that is known");
                Error::new(ErrorKind::Config, problem).at("version").hint("1.34, 1.35, 1.36 and 1.37 are")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_servers_report() {
        for (text, version) in [
            ("1.34", Version::V1_34),
            ("v1.35.4", Version::V1_35),
            ("1.36.0-rc.1", Version::V1_36),
            ("v1.37.2-gke.100", Version::V1_37),
            ("v1.37.0+k3s1", Version::V1_37),
        ] {
            assert_eq!(text.parse::<Version>().unwrap(), version, "{text}");
        }
        for text in ["", "1", "1.3", "1.33", "1.370", "2.37", "latest"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        assert_eq!(Version::default(), *Version::ALL.iter().max().unwrap());
    }
}
