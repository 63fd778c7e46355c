//! The sizing problem in numbers: classes of pods that are alike, types of nodes, and what is linear of the rules between pods.

/// What is known of the load and of what can be bought.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem {
    pub(super) classes: Vec<Class>,
    pub(super) types: Vec<Type>,
    /// How many zones there are.
    pub(super) zones: usize,
    /// Each of them gets a node.
    pub(super) each_zone: bool,
}

/// Pods that are alike in all that counts here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Class {
    /// What one asks for, by resource in the problem's order; the last is the pod itself.
    pub(super) request: Vec<i64>,
    /// How many there are.
    pub(super) count: u32,
    /// How many may be on one node.
    pub(super) per_node: u32,
    /// By how many pods zones may differ; nothing where that is not asked, or is not linear.
    pub(super) skew: Option<u32>,
    /// How many may be in one zone.
    pub(super) per_zone: u32,
    /// The types that may carry one, by their place.
    pub(super) on: Vec<bool>,
}

/// A shape in a zone, or a node that is there already.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Type {
    pub(super) price: f64,
    /// What pods can have of it beside its daemon pods, by resource.
    pub(super) room: Vec<i64>,
    pub(super) zone: usize,
    /// How many there are of a kind that cannot be bought.
    pub(super) limit: Option<u32>,
}

impl Class {
    /// The least and the most pods that a zone can have in the end, of so many zones.
    pub(super) fn range(&self, zones: usize) -> Option<(f64, f64)> {
        let zones = u32::try_from(zones).unwrap_or(u32::MAX);
        if zones < 2 || self.skew.is_none() && self.per_zone >= self.count {
            return None;
        }
        let most = self.per_zone.min(self.count);
        let Some(skew) = self.skew else { return Some((0.0, f64::from(most))) };
        // Of n pods in Z zones, the fullest has at most `skew` more than the emptiest.
        let apart = i64::from(skew) * i64::from(zones - 1);
        let (count, zones) = (i64::from(self.count), i64::from(zones));
        let least = (count - apart).max(0).div_euclid(zones) + i64::from((count - apart).max(0) % zones != 0);
        let most = i64::from(most).min((count + apart) / zones);
        Some((least as f64, most as f64))
    }

    /// How many of it a type can carry alone.
    pub(super) fn most_on(&self, node: &Type) -> u32 {
        let by_room = self.request.iter().zip(&node.room).filter(|(asked, _)| **asked > 0);
        let most = by_room.map(|(asked, room)| u32::try_from((*room).max(0) / asked).unwrap_or(u32::MAX)).min();
        most.unwrap_or(u32::MAX).min(self.per_node).min(self.count)
    }
}

impl Problem {
    /// The same without a zone.
    pub(super) fn without_zone(&self, zone: usize) -> Problem {
        let stays: Vec<bool> = self.types.iter().map(|node| node.zone != zone).collect();
        let kept = |on: &Vec<bool>| on.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(on, _)| *on).collect();
        let types = self.types.iter().filter(|node| node.zone != zone).map(|node| {
            let mut node = node.clone();
            node.zone -= usize::from(node.zone > zone);
            node
        });
        let classes = self.classes.iter().map(|class| Class { on: kept(&class.on), ..class.clone() });
        // Those that can be nowhere else are lost with the zone.
        let classes = classes.filter(|class| class.on.contains(&true)).collect();
        let zones = self.zones - 1;
        Problem { classes, types: types.collect(), zones, each_zone: self.each_zone && zones > 1 }
    }

    /// The same where a zone may be empty, and is then no domain any more.
    pub(super) fn without_zones(&self) -> Problem {
        let classes = self.classes.iter().map(|class| Class { skew: None, ..class.clone() }).collect();
        Problem { classes, each_zone: false, ..self.clone() }
    }
}
