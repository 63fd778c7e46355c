//! What writes to the tables, as the scheduler offers it: the caches stay with the tables that they follow.

use super::Scheduler;
use crate::tables::*;
use crate::{
    BudgetId, DriverId, Error, ExternalId, ImageId, ImageSetId, KeyId, LabelClassId, NamespaceId, NodeId, NodeSetId,
    NominationId, ProfileId, ResourceId, SelectorId, SpecId, StrId, TaintSetId, TermId, UseKeyId, UseListId, VolumeId,
};

impl Scheduler<'_> {
    /// Adds a string; `int` is the base-10 64-bit integer that it spells, if it does.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_string(&mut self, int: Option<i64>) -> Result<StrId, Error> {
        self.tables.add_string(int)
    }

    /// Adds a distinct list of taints.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_taint_set(&mut self, taints: &[Taint]) -> Result<TaintSetId, Error> {
        self.tables.add_taint_set(taints)
    }

    /// Adds an image, which no node holds yet.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_image(&mut self) -> Result<ImageId, Error> {
        self.tables.add_image()
    }

    /// Adds a distinct list of images with their sizes in bytes.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_image_set(&mut self, images: &[(ImageId, i64)]) -> Result<ImageSetId, Error> {
        self.tables.add_image_set(images)
    }

    /// Adds a resource.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_resource(&mut self) -> Result<ResourceId, Error> {
        self.tables.add_resource()
    }

    /// Adds a column for a label key; it is empty until nodes are relabelled.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_key(&mut self) -> Result<KeyId, Error> {
        self.tables.add_key()
    }

    /// Adds a node behind all others.
    ///
    /// # Errors
    /// [`Error::Full`], or [`Error::NoSuch`] for an id that is not there; nothing is written then.
    pub fn add_node(&mut self, node: &NodeDef<'_>) -> Result<NodeId, Error> {
        self.tables.add_node(node)
    }

    /// Gives a node new attributes; its pods stay.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn update_node(&mut self, id: NodeId, node: &NodeDef<'_>) -> Result<(), Error> {
        self.tables.update_node(id, node)
    }

    /// Takes a node away; its row is not used again.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or [`Error::State`] where pods are still bound to it.
    pub fn remove_node(&mut self, id: NodeId) -> Result<(), Error> {
        self.tables.remove_node(id)
    }

    /// Sets one label of a node, or takes it away with [`StrId::NONE`].
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn relabel_node(&mut self, id: NodeId, key: KeyId, value: StrId) -> Result<(), Error> {
        self.tables.relabel_node(id, key, value)
    }

    /// Fills in a label under a key that was added just now: nothing looks at it yet, so no cache needs to know.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn fill_label(&mut self, id: NodeId, key: KeyId, value: StrId) -> Result<(), Error> {
        self.tables.fill_label(id, key, value)
    }

    /// Adds a namespace with its labels; `exists` where it is an object, not just a name that others mention.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_namespace(&mut self, labels: &[(StrId, StrId)], exists: bool) -> Result<NamespaceId, Error> {
        self.tables.add_namespace(labels, exists)
    }

    /// Gives a namespace other labels, and re-evaluates the selectors that look at them.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn relabel_namespace(&mut self, id: NamespaceId, labels: &[(StrId, StrId)], exists: bool) -> Result<(), Error> {
        self.tables.relabel_namespace(id, labels, exists)
    }

    /// Adds a label class: a namespace, and the labels that some selector names.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_label_class(
        &mut self,
        namespace: NamespaceId,
        labels: &[(StrId, StrId)],
    ) -> Result<LabelClassId, Error> {
        self.tables.add_label_class(namespace, labels)
    }

    /// Adds a selector and evaluates it.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_selector(&mut self, def: &SelectorDef<'_>) -> Result<SelectorId, Error> {
        self.tables.all_or_nothing(|tables| tables.add_selector(def))
    }

    /// Adds a pod affinity term over a topology. `selector` is the set of pods that the term is about when a bound pod carries it, `own_selector` when the
    /// pod that is to be placed does: they differ in namespaces that are not objects. `weight` is that of a preferred term.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_term(
        &mut self,
        selector: SelectorId,
        own_selector: SelectorId,
        key: KeyId,
        kind: TermKind,
        weight: i32,
    ) -> Result<TermId, Error> {
        self.tables.add_term(selector, own_selector, key, kind, weight)
    }

    /// Adds a spec class.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`], or [`Error::OutOfRange`] for a number that is no pod's; nothing that counts is
    /// written then.
    pub fn add_spec(&mut self, def: &SpecDef<'_>) -> Result<SpecId, Error> {
        self.tables.all_or_nothing(|tables| tables.add_spec(def))
    }

    /// Adds a profile.
    ///
    /// # Errors
    /// [`Error::Full`], or [`Error::OutOfRange`] for too many filters, and for a weight that is not in 0 to 2^31 - 1.
    pub fn add_profile(&mut self, def: &ProfileDef<'_>) -> Result<ProfileId, Error> {
        self.tables.all_or_nothing(|tables| tables.add_profile(def))
    }

    /// Adds a set of nodes: those that meet one of the terms; `None` is all nodes.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_node_set(&mut self, terms: Option<&NodeTerms<'_>>) -> Result<NodeSetId, Error> {
        self.tables.add_node_set(terms)
    }

    /// Adds a volume: the nodes that reach it, the nodes of its zone, its storage class (a number of the caller's) and
    /// its size in bytes.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_volume(&mut self, reach: NodeSetId, zone: NodeSetId, class: u32, size: i64) -> Result<VolumeId, Error> {
        self.tables.add_volume(reach, zone, class, size)
    }

    /// Adds a storage driver; no node has a limit for it yet.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_driver(&mut self) -> Result<DriverId, Error> {
        self.tables.add_driver()
    }

    /// Sets how many volumes of a driver a node takes (`None`: any number), and whether pods with volumes of the driver
    /// are kept off the node because it is not installed there.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn set_driver(&mut self, driver: DriverId, node: NodeId, limit: Option<u32>, lacks: bool) -> Result<(), Error> {
        self.tables.set_driver(driver, node, limit, lacks)
    }

    /// Makes a key the handle of a volume of a driver, so that its uses count towards the driver's limits.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or [`Error::State`] where the key is in use already.
    pub fn set_key_driver(&mut self, key: UseKeyId, driver: DriverId) -> Result<(), Error> {
        self.tables.set_key_driver(key, driver)
    }

    /// Adds a list of things that a pod uses beside those of its spec class: volumes and claims, with tags.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_use_list(&mut self, uses: &[(UseKeyId, UseTag)]) -> Result<UseListId, Error> {
        self.tables.add_use_list(uses)
    }

    /// Notes that a volume is attached to a node (`attached`), whatever pods are there, or no longer.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn set_attached(&mut self, key: UseKeyId, node: NodeId, attached: bool) -> Result<(), Error> {
        self.tables.set_attached(key, node, attached)
    }

    /// Adds a thing that pods can use.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_use_key(&mut self) -> Result<UseKeyId, Error> {
        self.tables.add_use_key()
    }

    /// Adds a nominated pod. For pods of its priority or a lower one, its node is from now on filtered with it added as well; its start
    /// time and whether it is being deleted play no part.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub fn nominate(&mut self, pod: &PodDef, node: NodeId) -> Result<NominationId, Error> {
        self.tables.nominate(pod, node)
    }

    /// Takes a nomination away.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn withdraw(&mut self, nomination: NominationId) -> Result<(), Error> {
        self.tables.withdraw(nomination)
    }

    /// Adds a budget: the pods that it is about, and how many of them may be disrupted now.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_budget(&mut self, selector: SelectorId, allowed: i32) -> Result<BudgetId, Error> {
        self.tables.add_budget(selector, allowed)
    }

    /// Sets how many pods of a budget may be disrupted now.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn set_budget(&mut self, budget: BudgetId, allowed: i32) -> Result<(), Error> {
        self.tables.set_budget(budget, allowed)
    }

    /// Takes a budget away; its row is used again.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn remove_budget(&mut self, budget: BudgetId) -> Result<(), Error> {
        self.tables.remove_budget(budget)
    }

    /// Adds a slot. It decides nothing until a profile lists it and it has a column or is answered in the cycle.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_external(&mut self, name: StrId, normalize: Normalize) -> Result<ExternalId, Error> {
        self.tables.add_external(name, normalize)
    }

    /// Gives a slot its columns for the pods of a spec class, by node row; missing rows are 0. A code other than 0 rejects the
    /// node, and comes back in [`crate::Reason::external_code`].
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; [`Error::OutOfRange`] for a score beyond 2^53. Nothing is written then.
    pub fn set_external(&mut self, slot: ExternalId, spec: SpecId, codes: &[u32], scores: &[i64]) -> Result<(), Error> {
        self.tables.set_external(slot, spec, codes, scores)
    }
}
