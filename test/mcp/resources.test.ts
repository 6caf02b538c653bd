import { describe, expect, it } from 'vitest';
import { until } from '../cli/home.ts';
import { connect, openHome, run } from './ground.ts';

describe('resources', () => {
  for (const modern of [false, true])
    it(`list live tasks, read any, and tell of changes (${modern ? '2026-07-28' : '2025-11-25'})`, async () => {
      const host = await connect(openHome(), { modern });
      const updated: string[] = [];
      let lists = 0;
      const { client } = host;
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        updated.push(params.uri);
      });
      client.setNotificationHandler('notifications/resources/list_changed', () => void lists++);
      const id = await run(host, 'echo hello; sleep 1.5; echo bye');
      const uri = `tend://tasks/${id}`;
      const { resources } = await client.listResources();
      expect(resources.map((one) => one.uri)).toEqual([uri, `${uri}/output`]);
      const { resourceTemplates } = await client.listResourceTemplates();
      expect(resourceTemplates).toHaveLength(2);
      if (modern)
        await client.listen({
          resourcesListChanged: true,
          resourceSubscriptions: [uri, `${uri}/output`],
        });
      else {
        await client.subscribeResource({ uri });
        await client.subscribeResource({ uri: `${uri}/output` });
      }
      await until('an update of each', () =>
        [uri, `${uri}/output`].every((one) => updated.includes(one)),
      );
      await until('a changed list', () => lists > 0);
      const { contents } = await client.readResource({ uri });
      expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({
        id,
        state: 'completed',
      });
      const output = await client.readResource({ uri: `${uri}/output` });
      expect(output.contents).toMatchObject([{ text: 'hello\nbye\n', mimeType: 'text/plain' }]);
      expect((await client.listResources()).resources).toEqual([]);
      // Coalesced: a few words for a life of a dozen steps.
      expect(updated.length).toBeLessThan(12);
    });

  it('that are not there are an error of the protocol', async () => {
    const { client } = await connect(openHome());
    for (const uri of ['tend://tasks/nope', 'tend://tasks/../x', 'file:///etc/passwd'])
      await expect(client.readResource({ uri })).rejects.toThrow(/not found/i);
    await expect(client.subscribeResource({ uri: 'tend://other' })).rejects.toThrow(/not found/i);
  });
});
