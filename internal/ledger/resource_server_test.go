package ledger

import (
	"fmt"
	"testing"
)

func TestResourceServers(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	server := M{"UserPoolId": pool, "Identifier": "https://books.example.com", "Name": "Books",
		"Scopes": L{M{"ScopeName": "read", "ScopeDescription": "to read"}}}
	for _, operation := range []string{"DescribeResourceServer", "UpdateResourceServer", "DeleteResourceServer"} {
		w.provoke(operation, with(sample(operation), M{"UserPoolId": pool}), "ResourceNotFoundException", "there was no such resource server")
	}
	w.do("CreateResourceServer", server)
	w.provoke("CreateResourceServer", server, "InvalidParameterException", "there was a resource server of that identifier")
	twice := with(server, M{"Scopes": append(server["Scopes"].(L), server["Scopes"].(L)...)})
	w.provoke("UpdateResourceServer", twice, "InvalidParameterException", "a scope was given twice")
	w.provoke("ListResourceServers", M{"UserPoolId": pool, "NextToken": "nobodys"}, "InvalidParameterException", "the token was no page of this list")
	for i := range 24 {
		w.do("CreateResourceServer", with(server, M{"Identifier": fmt.Sprintf("server-%d", i)}))
	}
	w.provoke("CreateResourceServer", with(server, M{"Identifier": "one-more"}), "LimitExceededException", "there were 25 resource servers")
}

func TestClientSecrets(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	client := M{"UserPoolId": pool, "ClientId": w.client(pool, M{"GenerateSecret": true})}
	for _, operation := range []string{"AddUserPoolClientSecret", "ListUserPoolClientSecrets", "DeleteUserPoolClientSecret"} {
		w.provoke(operation, with(sample(operation), M{"UserPoolId": pool}), "ResourceNotFoundException", "there was no such app client")
	}
	only := w.do("ListUserPoolClientSecrets", client)["ClientSecrets"].(L)[0].(M)["ClientSecretId"]
	w.provoke("DeleteUserPoolClientSecret", with(client, M{"ClientSecretId": only}), "InvalidParameterException", "it was the only secret")
	w.provoke("DeleteUserPoolClientSecret", with(client, M{"ClientSecretId": "nobodys"}), "ResourceNotFoundException", "there was no such secret")
	w.do("AddUserPoolClientSecret", client)
	w.provoke("AddUserPoolClientSecret", client, "LimitExceededException", "there were two secrets")
	w.provoke("ListUserPoolClientSecrets", with(client, M{"NextToken": "nobodys"}), "InvalidParameterException", "the token was no page of this list")
}
