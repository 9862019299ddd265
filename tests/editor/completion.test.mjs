// What rust-analyzer offers behind `tags.view::<User>().`: a field for each mapped field, also while the struct is
// half written.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open } from './rig.mjs';

let editor;
before(async () => {
    editor = await open();
});
after(() => editor?.server.stop());

const view = 'fn read(tags: &Tags) { tags.view::<User>().<|> }';

/** Returns what is offered, without what every type has, and without the private fields of the view. */
async function offered(struct, code = view) {
    const text = `use nango_core::{TagFields, TagMapper, Tags};\n\n${struct}\n\n${code}\n\nfn main() {}\n`;
    const all = await editor.server.complete(editor.file, text);
    const everywhere = new Set(['borrow', 'borrow_mut', 'into', 'try_into', 'type_id']);
    const isOurs = ([name]) => !everywhere.has(name) && !name.startsWith('__');
    return Object.fromEntries(Object.entries(all).filter(isOurs));
}

/** A struct with this text in place of the field `plan`. */
const user = (plan, head = '#[derive(TagMapper)]') => `
${head}
struct User {
    #[nango(id)]
    id: u64,
    #[nango(tag = "end_user_email")]
    email: Option<String>,
${plan}
    password_hash: String,
}`;

const id = "Tag<'_, u64>";
const text = "Tag<'_, String>";

test('each mapped field, and no other', async () => {
    assert.deepEqual(await offered(user('    #[nango(tag)]\n    plan: String,')), { id, email: text, plan: text });
});

test('the fields of a part', async () => {
    const parts = '#[derive(TagFields)]\nstruct Billing { #[nango(tag)] plan: String, #[nango(tag)] seats: Option<u32> }';
    const struct = `${parts}\n${user('    #[nango(flatten)]\n    billing: Billing,')}`;
    const code = 'fn read(tags: &Tags) { tags.view::<User>().billing.<|> }';
    assert.deepEqual(await offered(struct, code), { plan: text, seats: "Tag<'_, u32>" });
});

test('a type that says `Self`', async () => {
    const struct = `struct Id<E>(core::marker::PhantomData<E>);\n${user('    #[nango(tag)]\n    parent: Id<Self>,')}`;
    assert.equal((await offered(struct)).parent, "Tag<'_, Id<User>>");
});

test('a struct made by a macro', async () => {
    const struct = `macro_rules! entity { ($name:ident, $id:ty) => {
        #[derive(TagMapper)] struct $name { #[nango(id)] id: $id, #[nango(tag)] plan: String }
    } }\nentity!(User, u64);`;
    assert.deepEqual(await offered(struct), { id, plan: text });
});

// Each is a moment in the writing of a field, or of the attributes above the struct.
for (const [moment, plan, head] of [
    ['an attribute that is misspelt', '    #[nango(tga)]\n    plan: String,'],
    ['an attribute without a list', '    #[nango]\n    plan: String,'],
    ['an attribute with an empty list', '    #[nango()]\n    plan: String,'],
    ['a key that is to come', '    #[nango(tag = )]\n    plan: String,'],
    ['a key that Nango refuses', '    #[nango(tag = "Plan")]\n    plan: String,'],
    ['a field without a type', '    #[nango(tag)]\n    plan: ,'],
    ['a field without a colon', '    #[nango(tag)]\n    plan'],
    ['a type that is half written', '    #[nango(tag)]\n    plan: Option<,'],
    ['an attribute without a field', '    #[nango(tag)]'],
    ['a type that does not exist', '    #[nango(tag)]\n    plan: Missing,'],
    ['a kind that is to come', '', '#[derive(TagMapper)]\n#[nango(kind = )]'],
    ['another derive that is to come', '', '#[derive(TagMapper, )]'],
]) {
    test(`while there is ${moment}`, async () => {
        const fields = await offered(user(plan, head));
        assert.deepEqual({ id: fields.id, email: fields.email }, { id, email: text });
        assert.equal(fields.password_hash, moment.endsWith('without a field') ? text : undefined);
    });
}

test('while there is a name that asks for a kind', async () => {
    const struct = '#[derive(TagMapper)]\nstruct Model { #[nango(id)] id: u64 }';
    assert.deepEqual(await offered(struct, view.replace('User', 'Model')), { id });
});
