// SPDX-License-Identifier: ISC
// A SCIM service made by others (scimmy, express), with users in memory:
// node server.js TOKEN. Prints "listening PORT". GET /writes tells how many
// requests changed something.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const token = process.argv[2];
const users = new Map();
let writes = 0;

const missing = (id) =>
	new SCIMMY.Types.Error(404, null, `there is no user ${id}`);

SCIMMY.Resources.declare(SCIMMY.Resources.User, {
	egress: (resource) => {
		if (resource.id && !users.has(resource.id))
			throw missing(resource.id);
		const found = resource.id ? [users.get(resource.id)] :
		    [...users.values()];
		return resource.filter ? resource.filter.match(found) : found;
	},
	ingress: (resource, data) => {
		const same = [...users.values()].find((u) =>
			u.userName.toLowerCase() === data.userName.toLowerCase()
			&& u.id !== resource.id);
		if (same)
			throw new SCIMMY.Types.Error(409, "uniqueness",
			    `${data.userName} is taken`);
		if (resource.id && !users.has(resource.id))
			throw missing(resource.id);
		const now = new Date().toISOString();
		const id = resource.id ?? randomUUID();
		const user = { ...JSON.parse(JSON.stringify(data)), id,
			meta: { created: users.get(id)?.meta.created ?? now,
				lastModified: now } };
		users.set(id, user);
		writes++;
		return user;
	},
	degress: (resource) => {
		if (!users.delete(resource.id))
			throw missing(resource.id);
		writes++;
	},
});

const app = express();
app.get("/writes", (request, response) => response.json(writes));
app.use("/scim/v2", new SCIMMYRouters({
	type: "bearer",
	handler: (request) => {
		if (request.header("Authorization") !== `Bearer ${token}`)
			throw new Error("wrong token");
		return "provost";
	},
}));
const server = app.listen(0, "127.0.0.1", () =>
	console.log(`listening ${server.address().port}`));
