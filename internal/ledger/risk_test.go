package ledger

import "testing"

func TestRiskConfiguration(t *testing.T) {
	w := newWorld(t)
	off := w.pool(nil)
	pool := w.pool(M{"UserPoolTier": "PLUS", "UserPoolAddOns": M{"AdvancedSecurityMode": "AUDIT"}})
	client := w.client(off, nil)
	for _, operation := range []string{"SetRiskConfiguration", "DescribeRiskConfiguration"} {
		w.provoke(operation, M{"UserPoolId": off}, "UserPoolAddOnNotEnabledException", "threat protection is off in the user pool")
		w.provoke(operation, M{"UserPoolId": pool, "ClientId": client}, "ResourceNotFoundException", "the app client was another pool's")
	}
	w.provoke("SetRiskConfiguration", M{"UserPoolId": pool, "RiskExceptionConfiguration": M{"BlockedIPRangeList": L{"everywhere"}}},
		"InvalidParameterException", "the range was no network")
	takeover := M{"Actions": M{"HighAction": M{"EventAction": "BLOCK", "Notify": true}}}
	w.provoke("SetRiskConfiguration", M{"UserPoolId": pool, "AccountTakeoverRiskConfiguration": takeover},
		"InvalidParameterException", "notices were asked for without saying how they are sent")
}
