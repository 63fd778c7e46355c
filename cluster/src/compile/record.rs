//! A record of what is written to a block, row by row, so that another program can write the same: the test of the C block door plays it.
//!
//! A row is its length in words, the number of its operation, what that was given, and the id that it gave. A list is its length and its
//! entries; a number of 64 bits is two words, the lower one first.

use std::ops::Deref;

use bayplan_core::{
    BudgetId, Cycle, DriverId, Error, ExternalId, ImageId, ImageSetId, KeyId, LabelClassId, NamespaceId, NodeDef,
    NodeId, NodeSetId, NodeTerms, NominationId, Normalize, PodDef, PodId, ProfileDef, ProfileId, Request, Requirement,
    ResourceId, Rule, Scheduler, SelectorDef, SelectorId, ShapePoint, SpecDef, SpecId, SpreadDef, StrId, Taint,
    TaintSetId, TermId, TermKind, UseKeyId, UseListId, UseTag, VolumeId,
};

/// What a row is; the player in `tests/block/player.c` has the same numbers.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Operation {
    AddString = 1,
    AddTaintSet,
    AddImage,
    AddImageSet,
    AddResource,
    AddKey,
    AddNode,
    UpdateNode,
    RemoveNode,
    RelabelNode,
    AddNamespace,
    RelabelNamespace,
    AddLabelClass,
    AddSelector,
    AddTerm,
    AddSpec,
    AddProfile,
    AddNodeSet,
    AddVolume,
    AddDriver,
    SetDriver,
    SetKeyDriver,
    AddUseList,
    SetAttached,
    AddUseKey,
    Nominate,
    Withdraw,
    AddBudget,
    RemoveBudget,
    AddSlot,
    Bind,
    Unbind,
    UpdatePod,
    /// A pod is decided for: the request, and everything that the core says.
    Attempt,
    /// How many rows of nodes and resources there are; of each what is allocatable and what is requested.
    Closing,
}

/// The words of one row.
pub(crate) struct Row<'r>(&'r mut Vec<u32>);

impl Row<'_> {
    /// Writes a row behind the others.
    pub(crate) fn write(rows: &mut Vec<u32>, operation: Operation, fill: impl FnOnce(&mut Row<'_>)) {
        let start = rows.len();
        rows.extend([0, operation as u32]);
        fill(&mut Row(rows));
        rows[start] = (rows.len() - start - 1) as u32;
    }

    pub(crate) fn word(&mut self, word: u32) -> &mut Self {
        self.0.push(word);
        self
    }

    pub(crate) fn wide(&mut self, number: i64) -> &mut Self {
        self.0.extend([number as u32, (number >> 32) as u32]);
        self
    }

    pub(crate) fn flag(&mut self, flag: bool) -> &mut Self {
        self.word(flag.into())
    }

    pub(crate) fn list<T: Copy>(&mut self, list: &[T], mut one: impl FnMut(&mut Self, T)) -> &mut Self {
        self.word(list.len() as u32);
        for entry in list {
            one(self, *entry);
        }
        self
    }

    /// A flag, and what it says is there.
    pub(crate) fn option<T>(&mut self, option: Option<T>, one: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.flag(option.is_some());
        if let Some(value) = option {
            one(self, value);
        }
        self
    }

    fn amounts(&mut self, amounts: &[i64]) -> &mut Self {
        self.list(amounts, |row, amount| _ = row.wide(amount))
    }

    fn requirements(&mut self, list: &[Requirement]) -> &mut Self {
        self.list(list, |row, r| {
            row.word(r.term).word(r.key).word(r.op as u32).word(r.first).word(r.count).wide(r.bound);
        })
    }

    fn terms(&mut self, terms: &NodeTerms<'_>) {
        self.word(terms.terms);
        self.list(terms.weights, |row, weight| _ = row.word(weight as u32));
        self.requirements(terms.requirements);
        self.list(terms.values, |row, value| _ = row.word(value.0));
    }

    fn terms_or_none(&mut self, terms: Option<&NodeTerms<'_>>) -> &mut Self {
        self.option(terms, |row, terms| row.terms(terms))
    }

    fn spread(&mut self, list: &[SpreadDef]) -> &mut Self {
        self.list(list, |row, c| {
            row.option(c.selector, |row, selector| _ = row.word(selector.0));
            row.word(c.key.0).word(c.max_skew as u32).word(c.min_domains as u32);
            row.flag(c.hostname).flag(c.honor_affinity).flag(c.honor_taints).flag(c.counts_nothing);
        })
    }

    fn labels(&mut self, labels: &[(StrId, StrId)]) -> &mut Self {
        self.list(labels, |row, (key, value)| _ = row.word(key.0).word(value.0))
    }

    fn node(&mut self, node: &NodeDef<'_>) -> &mut Self {
        self.word(node.name.0).flag(node.unschedulable).amounts(node.allocatable);
        self.list(node.labels, |row, (key, value)| _ = row.word(key.0).word(value.0));
        self.word(node.taints.0).word(node.images.0).wide(node.features as i64)
    }

    fn pod(&mut self, pod: &PodDef) -> &mut Self {
        self.word(pod.spec.0).word(pod.labels.0).word(pod.uses.0).wide(pod.start);
        self.flag(pod.terminating).flag(pod.preempted)
    }

    /// A rule as C has it.
    pub(crate) fn rule(&mut self, rule: Rule) -> &mut Self {
        self.word(match rule {
            Rule::Plugin(plugin) => plugin as u32,
            Rule::External(slot) => 256 + slot.0,
            _ => u32::MAX,
        })
    }

    fn shape(&mut self, shape: &[ShapePoint]) -> &mut Self {
        self.list(shape, |row, point| _ = row.word(point.utilization as u32).word(point.score as u32))
    }

    fn spec(&mut self, def: &SpecDef<'_>) -> &mut Self {
        self.word(def.profile.0).word(def.priority as u32);
        self.amounts(def.fit).amounts(def.bound).amounts(def.score).amounts(def.balanced);
        self.wide(def.bound_non_zero[0]).wide(def.bound_non_zero[1]);
        self.list(def.tolerations, |row, t| {
            row.word(t.key.0).word(t.op as u32).word(t.value.0).word(t.effect.map_or(u32::MAX, |effect| effect as u32));
        });
        self.terms_or_none(def.node_selector.as_ref()).terms_or_none(def.required.as_ref());
        self.terms_or_none(def.preferred.as_ref());
        self.option(def.names, |row, names| _ = row.list(names, |row, name| _ = row.word(name.0)));
        self.list(def.ports, |row, port| _ = row.word(port.group.0).word(port.address));
        self.list(def.images, |row, image| _ = row.word(image.0));
        self.word(def.image_count).wide(def.features as i64);
        self.spread(def.spread_hard).spread(def.spread_soft).flag(def.own_spread);
        self.list(def.terms, |row, term| _ = row.word(term.0));
        self.list(def.disks, |row, (disk, read_only)| _ = row.word(disk.0).flag(read_only))
    }

    fn profile(&mut self, def: &ProfileDef<'_>) -> &mut Self {
        self.list(def.filters, |row, rule| _ = row.rule(rule));
        self.list(def.scores, |row, (rule, weight)| _ = row.rule(rule).wide(weight));
        self.word(def.strategy as u32);
        self.list(def.fit_resources, |row, (resource, weight)| _ = row.word(resource.0).wide(weight));
        self.shape(def.shape).shape(def.volume_shape);
        self.list(def.balanced, |row, resource| _ = row.word(resource.0));
        self.flag(def.balanced_by_difference).terms_or_none(def.enforced.as_ref()).terms(&def.added_preferred);
        self.flag(def.prefers_nodes).wide(def.hard_pod_affinity_weight);
        self.flag(def.ignore_preferred_terms_of_existing_pods).flag(def.system_spread)
    }
}

/// A scheduler that takes down what is written through it. What only reads goes to the scheduler itself.
pub(crate) struct Recorder<'m> {
    pub(super) scheduler: Scheduler<'m>,
    pub(super) rows: &'m mut Vec<u32>,
}

impl<'m> Deref for Recorder<'m> {
    type Target = Scheduler<'m>;

    fn deref(&self) -> &Self::Target {
        &self.scheduler
    }
}

/// What asks and writes nothing. There is no `DerefMut`: a write that is not recorded does not compile.
impl<'m> Recorder<'m> {
    pub(crate) fn cycle<'s, 'r>(&'s mut self, request: &Request<'r>) -> Result<Cycle<'s, 'm, 'r>, Error> {
        self.scheduler.cycle(request)
    }

    pub(crate) fn recount(&mut self) -> Result<usize, Error> {
        self.scheduler.recount()
    }
}

/// A writing method: the operation, its arguments, what it gives, and how they become words.
macro_rules! recorded {
    ($($operation:ident $method:ident($($name:ident: $type:ty),*) -> $id:ty, |$row:ident| $fill:expr;)*) => {
        impl Recorder<'_> {
            $(
                pub(crate) fn $method(&mut self, $($name: $type),*) -> Result<$id, Error> {
                    let id = self.scheduler.$method($($name),*)?;
                    Row::write(self.rows, Operation::$operation, |$row| {
                        #[allow(clippy::no_effect, reason = "some have no arguments")]
                        $fill;
                        id.put($row);
                    });
                    Ok(id)
                }
            )*
        }
    };
}

/// What an operation gives: an id, or nothing.
trait Given {
    fn put(&self, row: &mut Row<'_>);
}

impl Given for () {
    fn put(&self, _: &mut Row<'_>) {}
}

macro_rules! given {
    ($($id:ty),*) => {
        $(
            impl Given for $id {
                fn put(&self, row: &mut Row<'_>) {
                    row.word(self.0);
                }
            }
        )*
    };
}

given!(
    BudgetId,
    DriverId,
    ExternalId,
    ImageId,
    ImageSetId,
    KeyId,
    LabelClassId,
    NamespaceId,
    NodeId,
    NodeSetId,
    NominationId,
    PodId,
    ProfileId,
    ResourceId,
    SelectorId,
    SpecId,
    StrId,
    TaintSetId,
    TermId,
    UseKeyId,
    UseListId,
    VolumeId
);

recorded! {
    AddString add_string(int: Option<i64>) -> StrId, |row| row.flag(int.is_some()).wide(int.unwrap_or(0));
    AddTaintSet add_taint_set(taints: &[Taint]) -> TaintSetId, |row| row.list(taints, |row, taint| {
        row.word(taint.key.0).word(taint.value.0).word(taint.effect as u32);
    });
    AddImage add_image() -> ImageId, |row| ();
    AddImageSet add_image_set(images: &[(ImageId, i64)]) -> ImageSetId, |row| {
        row.list(images, |row, (image, bytes)| _ = row.word(image.0).wide(bytes))
    };
    AddResource add_resource() -> ResourceId, |row| ();
    AddKey add_key() -> KeyId, |row| ();
    AddNode add_node(node: &NodeDef<'_>) -> NodeId, |row| row.node(node);
    UpdateNode update_node(id: NodeId, node: &NodeDef<'_>) -> (), |row| row.word(id.0).node(node);
    RemoveNode remove_node(id: NodeId) -> (), |row| row.word(id.0);
    RelabelNode relabel_node(id: NodeId, key: KeyId, value: StrId) -> (), |row| row.word(id.0).word(key.0).word(value.0);
    RelabelNode fill_label(id: NodeId, key: KeyId, value: StrId) -> (), |row| row.word(id.0).word(key.0).word(value.0);
    AddNamespace add_namespace(labels: &[(StrId, StrId)], exists: bool) -> NamespaceId, |row| row.labels(labels).flag(exists);
    RelabelNamespace relabel_namespace(id: NamespaceId, labels: &[(StrId, StrId)], exists: bool) -> (), |row| {
        row.word(id.0).labels(labels).flag(exists)
    };
    AddLabelClass add_label_class(namespace: NamespaceId, labels: &[(StrId, StrId)]) -> LabelClassId, |row| {
        row.word(namespace.0).labels(labels)
    };
    AddSelector add_selector(def: &SelectorDef<'_>) -> SelectorId, |row| {
        row.list(def.namespaces, |row, namespace| _ = row.word(namespace.0));
        row.option(def.namespace_requirements, |row, list| _ = row.requirements(list));
        row.option(def.requirements, |row, list| _ = row.requirements(list));
        row.flag(def.existing_namespaces).list(def.values, |row, value| _ = row.word(value.0))
    };
    AddTerm add_term(selector: SelectorId, own: SelectorId, key: KeyId, kind: TermKind, weight: i32) -> TermId, |row| {
        row.word(selector.0).word(own.0).word(key.0).word(kind as u32).word(weight as u32)
    };
    AddSpec add_spec(def: &SpecDef<'_>) -> SpecId, |row| row.spec(def);
    AddProfile add_profile(def: &ProfileDef<'_>) -> ProfileId, |row| row.profile(def);
    AddNodeSet add_node_set(terms: Option<&NodeTerms<'_>>) -> NodeSetId, |row| row.terms_or_none(terms);
    AddVolume add_volume(reach: NodeSetId, zone: NodeSetId, class: u32, size: i64) -> VolumeId, |row| {
        row.word(reach.0).word(zone.0).word(class).wide(size)
    };
    AddDriver add_driver() -> DriverId, |row| ();
    SetDriver set_driver(driver: DriverId, node: NodeId, limit: Option<u32>, lacks: bool) -> (), |row| {
        row.word(driver.0).word(node.0).word(limit.unwrap_or(u32::MAX)).flag(lacks)
    };
    SetKeyDriver set_key_driver(key: UseKeyId, driver: DriverId) -> (), |row| row.word(key.0).word(driver.0);
    AddUseList add_use_list(uses: &[(UseKeyId, UseTag)]) -> UseListId, |row| {
        row.list(uses, |row, (key, tag)| _ = row.word(key.0).word(tag as u32))
    };
    SetAttached set_attached(key: UseKeyId, node: NodeId, attached: bool) -> (), |row| {
        row.word(key.0).word(node.0).flag(attached)
    };
    AddUseKey add_use_key() -> UseKeyId, |row| ();
    Nominate nominate(pod: &PodDef, node: NodeId) -> NominationId, |row| row.pod(pod).word(node.0);
    Withdraw withdraw(nomination: NominationId) -> (), |row| row.word(nomination.0);
    AddBudget add_budget(selector: SelectorId, allowed: i32) -> BudgetId, |row| row.word(selector.0).word(allowed as u32);
    RemoveBudget remove_budget(budget: BudgetId) -> (), |row| row.word(budget.0);
    AddSlot add_external(name: StrId, normalize: Normalize) -> ExternalId, |row| row.word(name.0).word(normalize as u32);
    Bind bind(pod: &PodDef, node: NodeId) -> PodId, |row| row.pod(pod).word(node.0);
    Unbind unbind(pod: PodId) -> (), |row| row.word(pod.0);
    UpdatePod update_pod(pod: PodId, to: &PodDef) -> PodId, |row| row.word(pod.0).pod(to);
}
