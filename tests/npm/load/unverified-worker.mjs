// The example for Workers without verification: it reads the body and parses it.
export default {
  async fetch(request) {
    try {
      const event = await request.json();
      console.log(`${event.type} ${event.id}`);
      return new Response(null, { status: 204 });
    } catch {
      return new Response(null, { status: 400 });
    }
  },
};
