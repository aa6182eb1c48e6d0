// The calls of the seeds' documents, in their order, by the unmodified SDK against a Latchkey with simulator locks:
//     SEAM_API_KEY=... SEAM_ENDPOINT=http://127.0.0.1:8000/api SIMULATOR=http://127.0.0.1:8010 node seeds.mjs
// `node seeds.mjs @seamapi/http-1` takes the SDK before, whose changes go by PUT. Ends with 1 at the first difference.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

import { SeamWebhook } from '@seamapi/webhook'

const { SeamHttp, isSeamHttpApiError, isSeamHttpInvalidInputError } = await import(process.argv[2] ?? '@seamapi/http')
const { SEAM_API_KEY, SEAM_ENDPOINT, SIMULATOR } = process.env
const seam = SeamHttp.fromApiKey(SEAM_API_KEY, { endpoint: SEAM_ENDPOINT })

const PATIENCE = 60_000
const began = new Date().toISOString()
const made = [] // what is deleted in the end

const pin = async () => (await seam.accessCodes.generateCode({ device_id: native.device_id })).code
const soon = (seconds) => new Date(Date.now() + seconds * 1000).toISOString()
const hours = (count) => soon(3600 * count)
const get = (code) => seam.accessCodes.get({ access_code_id: code.access_code_id })

async function until(what, ask, fits) {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const told = await ask()
    if (fits(told)) return told
    assert.ok(Date.now() < deadline, `waited ${PATIENCE / 1000} s in vain until ${what}: ${JSON.stringify(told)}`)
    await wait(250)
  }
}

async function create(parameters) {
  const code = await seam.accessCodes.create(parameters)
  made.push(code)
  return code
}

const untilSet = (code) => until('the code is set', () => get(code), (told) => told.status === 'set')
const untilDone = (code) =>
  until('the change is done', () => get(code), (told) => told.status === 'set' && told.pending_mutations.length === 0)

async function untilGone(code) {
  await until('get answers 404', () => get(code).catch((error) => error), (told) => told instanceof Error).then((error) => {
    assert.ok(isSeamHttpApiError(error), `not the API's error: ${error}`)
    assert.deepEqual([error.statusCode, error.code], [404, 'access_code_not_found'])
    assert.match(error.requestId, /^[0-9a-f-]{36}$/)
  })
}

const untilEvent = (type, of) =>
  until(
    `there is an event ${type}`,
    async () => (await seam.events.list({ since: began, event_type: type, ...of })).at(0),
    Boolean,
  )

// The program that is told by webhooks.

const received = []
const receiver = createServer(async (request, response) => {
  received.push([await text(request), request.headers])
  response.writeHead(204).end()
})
let webhook

const untilTold = (type, code) =>
  until(
    `a webhook tells of ${type}`,
    () =>
      received
        .map((one) => new SeamWebhook(webhook.secret).verify(...one))
        .find((event) => event.event_type === type && event.access_code_id === code.access_code_id),
    Boolean,
  )

// The door itself, as the simulator knows it.

async function simulator(method, path, body) {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(SIMULATOR + path, { method, headers, body: JSON.stringify(body) })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`)
  return await answer.json()
}

async function door(device) {
  const { locks } = await simulator('GET', `/locks?q=${encodeURIComponent(device.display_name)}`)
  return `/locks/${locks.find((lock) => lock.name === device.display_name).id}`
}

const opens = async (device, code) => (await simulator('POST', `${await door(device)}/keypad`, { pin: code })).opened
const onDoor = async (device, code) => (await simulator('GET', await door(device))).codes.find((one) => one.pin === code)

// The steps, in the order of the seeds' documents.

let native, justInTime, offline

const steps = {
  async 'workspaces.get, devices.list, devices.get, locks.list, locks.get'() {
    assert.equal((await seam.workspaces.get()).is_sandbox, true)
    const devices = await seam.devices.list()
    const pages = seam.createPaginator(seam.devices.list({ limit: 5 }))
    const ids = (list) => list.map((device) => device.device_id)
    assert.deepEqual(ids(await pages.flattenToArray()), ids(devices))
    const locks = await seam.locks.list({ device_ids: ids(devices).slice(0, 2) })
    assert.deepEqual(ids(locks), ids(devices).slice(0, 2))

    const online = devices.filter((device) => device.properties.online && device.can_program_online_access_codes)
    const plain = online.filter((device) => device.properties.code_constraints.every((one) => 'name_length' === one.constraint_type))
    native = plain.findLast((device) => device.properties.is_natively_scheduled)
    justInTime = plain.findLast((device) => !device.properties.is_natively_scheduled)
    offline = devices.find((device) => device.can_program_offline_access_codes)
    for (const lock of [
      await seam.locks.get({ device_id: native.device_id }),
      await seam.locks.get({ name: native.display_name }),
      await seam.devices.get({ device_id: native.device_id }),
    ]) {
      assert.deepEqual(lock, native)
      assert.ok(lock.capabilities_supported.includes('access_code'))
      assert.equal(lock.properties.online_access_codes_enabled, true)
    }
  },

  async 'webhooks: create, get, list, update'() {
    receiver.listen(0, '127.0.0.1').unref()
    await once(receiver, 'listening')
    const url = `http://127.0.0.1:${receiver.address().port}/`
    webhook = await seam.webhooks.create({ url, event_types: ['access_code.created'] })
    const { webhook_id } = webhook
    assert.deepEqual([webhook.url, webhook.event_types], [url, ['access_code.created']])
    assert.match(webhook.secret, /^whsec_/)
    const event_types = ['access_code.set_on_device', 'access_code.removed_from_device']
    await seam.webhooks.update({ webhook_id, event_types })
    const changed = { ...webhook, event_types: event_types.toSorted() }
    const listed = (await seam.webhooks.list()).find((one) => one.webhook_id === webhook_id)
    for (const told of [await seam.webhooks.get({ webhook_id }), listed]) {
      assert.deepEqual({ ...told, event_types: told.event_types.toSorted() }, changed)
    }
  },

  async 'access_codes.create: ongoing, with digits and without'() {
    const digits = await pin()
    const code = await create({ device_id: native.device_id, name: 'my ongoing code', code: digits })
    assert.deepEqual(
      [code.code, code.type, code.status, code.starts_at ?? null, code.ends_at ?? null, code.common_code_key],
      [digits, 'ongoing', 'setting', null, null, null],
    )
    const drawn = await create({ device_id: native.device_id, name: 'drawn' })
    assert.match(drawn.code, /^\d{4,}$/)
    for (const one of [code, drawn]) {
      const told = await untilSet(one)
      assert.deepEqual([told.errors, told.warnings, told.is_managed], [[], [], true])
      assert.ok(await opens(native, one.code), 'the door opens')
      const event = await untilTold('access_code.set_on_device', one)
      assert.deepEqual(await untilEvent(event.event_type, { access_code_id: one.access_code_id }), event)
    }
    const [[body, headers]] = received
    const forged = () => new SeamWebhook(webhook.secret).verify(body.replace('set_on', 'not_on'), headers)
    assert.throws(forged, { name: /WebhookVerificationError|Error/ })
  },

  async 'access_codes.create: time-bound, long before'() {
    const window = { starts_at: '2100-01-01T16:00:00Z', ends_at: '2100-01-22T12:00:00Z' }
    const code = await create({ device_id: native.device_id, name: 'my time-bound code', code: await pin(), ...window })
    assert.deepEqual(
      [code.type, code.status, code.starts_at, code.ends_at, code.is_scheduled_on_device],
      ['time_bound', 'unset', '2100-01-01T16:00:00.000Z', '2100-01-22T12:00:00.000Z', false],
    )
    assert.equal(await onDoor(native, code.code), undefined)
    for (const parameters of [{ access_code_id: code.access_code_id }, { device_id: native.device_id, code: code.code }]) {
      assert.equal((await seam.accessCodes.get(parameters)).access_code_id, code.access_code_id)
    }
    const drawn = await create({ device_id: native.device_id, name: 'my timebound code', ...window })
    assert.match(drawn.code, /^\d{4,}$/)
    assert.notEqual(drawn.code, code.code)
  },

  async 'access_codes.create: time-bound, polled over starts_at'() {
    for (const device of [native, justInTime]) {
      const window = { starts_at: soon(6), ends_at: hours(20) }
      const code = await create({ device_id: device.device_id, name: 'Anna Smith, Reservation-12345', ...window })
      const before = ['unset', 'setting']
      assert.ok(before.includes(code.status), code.status)
      await untilSet(code)
      // The lock counts in whole seconds: it opens from the beginning of that of starts_at on.
      const opensFrom = Math.floor(new Date(window.starts_at) / 1000) * 1000
      assert.ok(new Date() >= opensFrom || device === justInTime, 'set before starts_at')
      await until('the door opens', () => opens(device, code.code), Boolean)
    }
  },

  async 'the access_code object; access_codes.list'() {
    const fields = [
      'access_code_id code common_code_key created_at device_id ends_at errors pending_mutations is_backup',
      'is_backup_access_code_available is_external_modification_allowed is_managed is_offline_access_code',
      'is_one_time_use is_scheduled_on_device is_waiting_for_code_assignment name pulled_backup_access_code_id',
      'starts_at status type warnings workspace_id',
    ]
    const codes = await seam.accessCodes.list({ device_id: native.device_id })
    for (const name of fields.join(' ').split(' ')) assert.ok(name in codes[0], `no ${name}`)
    const ids = made.map((code) => code.access_code_id)
    const listed = await seam.accessCodes.list({ access_code_ids: ids })
    assert.deepEqual(listed.map((code) => code.access_code_id), ids)
    const pages = seam.createPaginator(seam.accessCodes.list({ device_id: native.device_id, limit: 2 }))
    assert.equal((await pages.flattenToArray()).length, codes.length)
  },

  async 'access_codes.update: digits, name and window'() {
    const [code] = made
    const digits = await pin()
    const ends_at = hours(48)
    await seam.accessCodes.update({ access_code_id: code.access_code_id, code: digits, name: 'renamed', ends_at })
    const told = await untilDone(code)
    assert.deepEqual([told.code, told.name, told.type, told.ends_at], [digits, 'renamed', 'time_bound', ends_at])
    assert.ok(await opens(native, digits), 'the new digits open')
    assert.ok(!(await opens(native, code.code)), 'the old ones do not')
    await seam.accessCodes.update({ access_code_id: code.access_code_id, type: 'ongoing' })
    assert.equal((await untilDone(code)).type, 'ongoing')
  },

  async 'external modification: refused, then allowed'() {
    for (const allowed of [false, true]) {
      const code = await create({ device_id: native.device_id, name: 'edited', allow_external_modification: allowed })
      assert.equal(code.is_external_modification_allowed, allowed)
      await untilSet(code)
      const digits = await pin()
      const { id } = await onDoor(native, code.code)
      await simulator('PUT', `${await door(native)}/app/codes/${id}`, { pin: digits })
      await untilEvent('access_code.modified_external_to_seam', { access_code_id: code.access_code_id })
      if (allowed) {
        const told = await until('there is a warning', () => get(code), (one) => one.warnings.length > 0)
        assert.equal(told.warnings[0].warning_code, 'external_modification_in_effect')
        assert.ok(await opens(native, digits), "the owner's digits open")
      } else {
        await until('the digits are put back', () => opens(native, code.code), Boolean)
        assert.ok(!(await onDoor(native, digits)), "the owner's digits are gone")
      }
    }
  },

  async 'access_codes.create_multiple, update_multiple'() {
    const device_ids = [native.device_id, justInTime.device_id]
    const codes = await seam.accessCodes.createMultiple({ device_ids, name: 'two doors' })
    made.push(...codes)
    assert.deepEqual(codes.map((code) => code.device_id).sort(), device_ids.toSorted())
    assert.equal(codes[0].code, codes[1].code)
    assert.ok(codes[0].common_code_key)
    assert.equal(codes[0].common_code_key, codes[1].common_code_key)
    for (const code of codes) await untilSet(code)
    for (const device of [native, justInTime]) assert.ok(await opens(device, codes[0].code), device.display_name)
    const { common_code_key } = codes[0]
    await seam.accessCodes.updateMultiple({ common_code_key, name: 'two new doors', ends_at: hours(24) })
    for (const code of codes) {
      const told = await untilDone(code)
      assert.deepEqual([told.name, told.type], ['two new doors', 'time_bound'])
    }
  },

  async 'unmanaged: simulate, list, get, convert_to_managed, delete'() {
    const { unmanaged, simulate } = seam.accessCodes
    const { device_id } = native
    const two = []
    for (const name of ['kept', 'let go']) {
      const code = await simulate.createUnmanagedAccessCode({ device_id, code: await pin(), name })
      assert.deepEqual([code.is_managed, code.status, code.name], [false, 'set', name])
      two.push(code)
    }
    const [kept, gone] = two
    const listed = (await unmanaged.list({ device_id })).map((code) => code.access_code_id)
    for (const code of two) assert.ok(listed.includes(code.access_code_id))
    assert.equal((await unmanaged.get({ device_id, code: kept.code })).access_code_id, kept.access_code_id)
    await unmanaged.convertToManaged({ access_code_id: kept.access_code_id, allow_external_modification: true })
    const told = await until('it is managed', () => get(kept).catch(() => null), (one) => one?.is_managed)
    assert.deepEqual([told.code, told.name], [kept.code, 'kept'])
    made.push(kept)
    await untilEvent('access_code.unmanaged.converted_to_managed', { access_code_id: kept.access_code_id })
    await unmanaged.delete({ access_code_id: gone.access_code_id })
    await until('it is off the door', () => onDoor(native, gone.code), (one) => one === undefined)
  },

  async 'backup codes: use_backup_access_code_pool, pull_backup_access_code'() {
    const window = { starts_at: soon(0), ends_at: hours(20) }
    const parameters = { device_id: native.device_id, name: 'My Access Code', use_backup_access_code_pool: true, ...window }
    const code = await create(parameters)
    await until('a backup code is there', () => get(code), (told) => told.is_backup_access_code_available)
    const { access_code_id } = code
    const backup = await seam.accessCodes.pullBackupAccessCode({ access_code_id })
    assert.deepEqual([backup.is_backup, backup.ends_at], [true, code.ends_at])
    assert.ok(await opens(native, backup.code), 'the backup code opens')
    const again = await seam.accessCodes.pullBackupAccessCode({ access_code_id })
    assert.equal(again.access_code_id, backup.access_code_id)
    assert.equal((await get(code)).pulled_backup_access_code_id, backup.access_code_id)
    await untilEvent('access_code.backup_access_code_pulled', { access_code_id })
  },

  async 'offline codes'() {
    const { device_id } = offline
    const starts_at = soon(0)
    const code = await create({ device_id, is_offline_access_code: true, starts_at, ends_at: hours(randomInt(2, 100)), max_time_rounding: '1h' })
    made.pop() // it ends by itself
    assert.deepEqual([code.is_offline_access_code, code.type, code.is_one_time_use], [true, 'time_bound', false])
    assert.ok(await opens(offline, code.code), 'the offline code opens')
  },

  async 'locks.unlock_door and locks.simulate.keypad_code_entry, each waited for'() {
    const { device_id } = native
    const unlocked = await seam.locks.unlockDoor({ device_id })
    assert.deepEqual([unlocked.status, unlocked.action_type], ['success', 'UNLOCK_DOOR'])
    await untilEvent('lock.unlocked', { device_id })
    const code = await untilSet(made[1])
    const typed = await seam.locks.simulate.keypadCodeEntry({ device_id, code: code.code })
    assert.equal(typed.status, 'success')
    const event = await untilEvent('lock.unlocked', { access_code_id: code.access_code_id })
    assert.deepEqual([event.device_id, event.method], [device_id, 'keycode'])
    assert.deepEqual(await seam.events.get({ event_id: event.event_id }), event)
    await seam.locks.simulate.keypadCodeEntry({ device_id, code: await pin() })
    await untilEvent('lock.access_denied', { device_id })
  },

  async 'devices.simulate: disconnect, connect; devices.update'() {
    const { device_id } = justInTime
    const online = (is) => until(`online is ${is}`, () => seam.devices.get({ device_id }), (told) => told.properties.online === is)
    await seam.devices.simulate.disconnect({ device_id })
    const code = await create({ device_id, name: 'while offline' })
    const told = await online(false)
    assert.ok(told.errors.some((error) => error.is_device_error), 'the device says why')
    await untilEvent('device.disconnected', { device_id })
    assert.equal((await get(code)).status, 'setting')
    await seam.devices.simulate.connect({ device_id })
    await online(true)
    await untilEvent('device.connected', { device_id })
    await untilSet(code)
    await seam.devices.update({ device_id, custom_metadata: { room: 'of the seeds', floor: '2' } })
    const found = await seam.devices.list({ custom_metadata_has: { room: 'of the seeds' } })
    assert.deepEqual(found.map((device) => device.device_id), [device_id])
    await seam.devices.update({ device_id, custom_metadata: { room: null, floor: null } })
    assert.deepEqual((await seam.devices.get({ device_id })).custom_metadata, {})
  },

  async 'report_device_constraints, events.list between'() {
    const { device_id } = native
    await seam.accessCodes.reportDeviceConstraints({ device_id, min_code_length: 4, max_code_length: 8 })
    const events = await seam.events.list({ between: [began, soon(60)], device_ids: [device_id] })
    const times = events.map((event) => event.created_at)
    assert.deepEqual(times, times.toSorted())
    assert.ok(events.every((event) => event.device_id === device_id))
  },

  async 'what is refused'() {
    const { device_id } = native
    const refused = async (promise) => {
      const error = await promise.then(() => assert.fail('was not refused'), (error) => error)
      assert.ok(isSeamHttpApiError(error), `not the API's error: ${error}`)
      return error
    }
    const backwards = await refused(seam.accessCodes.create({ device_id, starts_at: hours(2), ends_at: hours(1) }))
    assert.ok(isSeamHttpInvalidInputError(backwards))
    assert.equal(backwards.getValidationErrorMessages('ends_at').length, 1)
    const { code } = await get(made[1])
    assert.equal((await refused(seam.accessCodes.create({ device_id, code }))).statusCode, 409)
    assert.equal((await refused(seam.devices.get({ device_id: made[0].access_code_id }))).code, 'device_not_found')
    const stranger = SeamHttp.fromApiKey('seam_nobody', { endpoint: SEAM_ENDPOINT })
    assert.equal((await refused(stranger.devices.list())).statusCode, 401)
  },

  async 'access_codes.delete, polled until 404'() {
    for (const { access_code_id } of made) await seam.accessCodes.delete({ access_code_id })
    for (const code of made) await untilGone(code)
    await untilTold('access_code.removed_from_device', made[1])
    assert.ok(!(await opens(native, made[1].code)), 'the door stays shut')
  },

  async 'webhooks.delete'() {
    const { webhook_id } = webhook
    await seam.webhooks.delete({ webhook_id })
    assert.ok(!(await seam.webhooks.list()).some((one) => one.webhook_id === webhook_id), 'it is still listed')
  },
}

for (const [name, step] of Object.entries(steps)) {
  process.stdout.write(`${name}: `)
  await step()
  console.log('ok')
}
