#[derive(TagMapper)]
struct Node<'a, T: Related<Self>>
where
    Self: Sized,
{
    #[nango(id)]
    id: Id<Self>,
    #[nango(tag)]
    parent: Option<<Self as Table>::Key>,
    #[nango(flatten)]
    part: &'a Part<Self>,
}
