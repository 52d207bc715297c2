// @vitest-environment happy-dom
/** Writing, as hands do it: keys, input methods, drafts, pasted files. */
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { Composer } from '../../../renderer/src/features/composer/composer.tsx'
import { sendsMessage } from '../../../renderer/src/features/composer/keys.ts'
import { emptyChat, people } from '../../support/chats.ts'
import { mountView } from '../../support/mount-view.tsx'

const chat = emptyChat(people.bob)
const box = () => screen.getByRole('textbox', { name: 'Message to bob' }) as HTMLTextAreaElement
const write = (text: string) => fireEvent.change(box(), { target: { value: text } })

describe('Enter in the composer', () => {
  const key = { key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13 }

  it('sends, and breaks the line with Shift; the setting swaps the two', () => {
    expect(sendsMessage(key, true)).toBe(true)
    expect(sendsMessage({ ...key, shiftKey: true }, true)).toBe(false)
    expect(sendsMessage(key, false)).toBe(false)
    expect(sendsMessage({ ...key, shiftKey: true }, false)).toBe(true)
  })

  it('always sends with Ctrl or Cmd', () => {
    for (const enterSends of [true, false]) {
      expect(sendsMessage({ ...key, ctrlKey: true }, enterSends)).toBe(true)
      expect(sendsMessage({ ...key, metaKey: true }, enterSends)).toBe(true)
    }
  })

  it('never sends while an input method is choosing a word', () => {
    expect(sendsMessage({ ...key, isComposing: true }, true)).toBe(false)
    expect(sendsMessage({ ...key, isComposing: true, ctrlKey: true }, true)).toBe(false)
    expect(sendsMessage({ ...key, keyCode: 229 }, true)).toBe(false)
  })
})

describe('Composer', () => {
  it('sends what was written, trimmed, and is empty for the next', async () => {
    const { asked } = await mountView(<Composer chat={chat} />, { fresh: true })
    write('  Hello Bob\n')
    fireEvent.keyDown(box(), { key: 'Enter' })
    await waitFor(() => expect(asked('message.send')).toMatchObject([{ chatId: 'cloud:bob', text: 'Hello Bob' }]))
    expect(box().value).toBe('')
    expect(asked('draft.set')).toEqual([])
  })

  it('sends nothing where nothing but space was written', async () => {
    const { asked } = await mountView(<Composer chat={chat} />, { fresh: true })
    write(' \n ')
    fireEvent.keyDown(box(), { key: 'Enter' })
    expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', true)
    expect(asked('message.send')).toEqual([])
  })

  it('gives the words back when the engine could not keep them', async () => {
    const { fake, store } = await mountView(<Composer chat={{ ...chat, id: 'cloud:nobody' }} />, { fresh: true })
    write('Do not lose this')
    fireEvent.click(screen.getByRole('button', { name: 'Send' }))
    await waitFor(() => expect(box().value).toBe('Do not lose this'))
    expect(fake.calls.some(({ name }) => name === 'message.send')).toBe(true)
    expect(store.getState().failure).toBe('no-such-chat')
  })

  it('keeps a draft when the person pauses, and at once when the chat is left', async () => {
    const { asked, unmount } = await mountView(<Composer chat={chat} />, { fresh: true })
    write('Half a th')
    expect(asked('draft.set')).toEqual([])
    await waitFor(() => expect(asked('draft.set')).toEqual([{ chatId: 'cloud:bob', text: 'Half a th' }]))
    write('Half a thought')
    unmount()
    await waitFor(() => expect(asked('draft.set')).toHaveLength(2))
    expect(asked('draft.set')[1]).toEqual({ chatId: 'cloud:bob', text: 'Half a thought' })
  })

  it('begins with the draft kept before', async () => {
    await mountView(<Composer chat={{ ...chat, draft: 'Could we' }} />, { fresh: true })
    expect(box().value).toBe('Could we')
  })

  it('tells of writing once in a while, and not where the person does not want that', async () => {
    const { asked } = await mountView(<Composer chat={chat} />, { fresh: true })
    for (const text of ['a', 'ab', 'abc']) write(text)
    await waitFor(() => expect(asked('typing.set')).toHaveLength(1))
  })

  it('does not tell of writing where the setting is off', async () => {
    const { asked, store } = await mountView(<Composer chat={chat} />, { fresh: true, settings: { typingShown: false } })
    await waitFor(() => expect(store.getState().settings?.typingShown).toBe(false))
    write('a')
    await new Promise((resolve) => setTimeout(resolve))
    expect(asked('typing.set')).toEqual([])
  })

  it('says by how much a text is too long, and keeps it', async () => {
    const { asked } = await mountView(<Composer chat={chat} />, { fresh: true })
    write('x'.repeat(16_386))
    expect(screen.getByText('Too long by 2 characters.')).toBeTruthy()
    fireEvent.keyDown(box(), { key: 'Enter' })
    expect(asked('message.send')).toEqual([])
    expect(box().value).toHaveLength(16_386)
  })

  it('shows a pasted file before it goes, lets it be taken away, and sends it before the words', async () => {
    const { asked, fake } = await mountView(<Composer chat={chat} />, { fresh: true })
    const paste = (name: string) =>
      fireEvent.paste(box(), { clipboardData: { files: [new File([new Uint8Array(300_000)], name, { type: 'application/pdf' })] } })
    paste('wrong.pdf')
    paste('map.pdf')
    fireEvent.click(await screen.findByRole('button', { name: 'Remove wrong.pdf' }))
    expect(screen.queryByText('wrong.pdf')).toBeNull()
    write('Here it is')
    fireEvent.keyDown(box(), { key: 'Enter' })
    await waitFor(() => expect(asked('message.send')).toHaveLength(1))
    const order = fake.calls.map(({ name }) => name).filter((name) => /^(file|message)\./.test(name))
    expect(order).toEqual(['file.begin', 'file.append', 'file.append', 'file.finish', 'message.send'])
    expect(asked('file.begin')).toMatchObject([{ name: 'map.pdf', size: 300_000 }])
    expect(screen.queryByText('map.pdf')).toBeNull()
  })

  it('says that a file is too large before anything of it is sent', async () => {
    const { asked, store } = await mountView(<Composer chat={chat} />, { fresh: true })
    const large = new File([], 'film.mkv')
    Object.defineProperty(large, 'size', { value: 33 * 1024 * 1024 })
    fireEvent.paste(box(), { clipboardData: { files: [large] } })
    expect(store.getState().failure).toBe('file-too-large')
    expect(asked('file.begin')).toEqual([])
  })
})
