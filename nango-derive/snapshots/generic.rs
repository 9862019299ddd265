#[derive(TagMapper)]
#[nango(kind = "seat", crate = crate::reexports::nango_core, rename_all = "kebab-case")]
pub(crate) struct Member<'a, I, P: ?Sized = str, const N: usize = 1>
where
    I: Clone,
{
    #[nango(id = "member_id")]
    id: &'a Id<I>,
    #[nango(tag)]
    billing_plan: Option<Cow<'a, P>>,
    #[nango(flatten)]
    region: Region<N>,
}
