//! VolumeRestrictions: disks and claims that only one pod may use.

use bayplan_core::plugins::volume_restrictions::{CLAIM_IN_USE, DISK_IN_USE};

use super::{Entry, Text, filters};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[
        (DISK_IN_USE, Text::Is("node(s) had no available disk")),
        (
            CLAIM_IN_USE,
            Text::Is(
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by \
                 another pod",
            ),
        ),
    ],
    ..Entry::NONE
};
