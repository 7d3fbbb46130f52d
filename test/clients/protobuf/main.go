// Command protobuf judges our wire format with the types of the Go clients. Each line of its input
// is an object in JSON and in protobuf; it must come out of either as the very bytes of the other.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"

	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
)

type pair struct {
	Name     string          `json:"name"`
	JSON     json.RawMessage `json:"json"`
	Protobuf []byte          `json:"protobuf"`
}

func main() {
	if err := metav1.AddMetaToScheme(scheme.Scheme); err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	judged, wrong := 0, 0
	for lines.Scan() {
		var p pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			fmt.Println("unreadable line:", err)
			os.Exit(2)
		}
		judged++
		if err := judge(p); err != nil {
			wrong++
			fmt.Printf("%s: %v\n", p.Name, err)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	fmt.Printf("judged %d, wrong %d\n", judged, wrong)
	if wrong > 0 || judged == 0 {
		os.Exit(1)
	}
}

func judge(p pair) error {
	wire := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	text := kjson.NewSerializerWithOptions(kjson.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, kjson.SerializerOptions{})

	object, gvk, err := wire.Decode(p.Protobuf, nil, nil)
	if err != nil {
		return fmt.Errorf("can't read our protobuf: %w", err)
	}
	object.GetObjectKind().SetGroupVersionKind(*gvk)
	if err := sameBytes(wire, object, p.Protobuf); err != nil {
		return fmt.Errorf("written again from our protobuf: %w", err)
	}
	var asText bytes.Buffer
	if err := text.Encode(object, &asText); err != nil {
		return err
	}
	if err := sameJSON(asText.Bytes(), p.JSON); err != nil {
		return fmt.Errorf("our protobuf as JSON: %w", err)
	}
	fromText, _, err := text.Decode(p.JSON, nil, nil)
	if err != nil {
		return fmt.Errorf("can't read our JSON: %w", err)
	}
	if err := sameBytes(wire, fromText, p.Protobuf); err != nil {
		return fmt.Errorf("written from our JSON: %w", err)
	}
	return nil
}

func sameBytes(encoder runtime.Encoder, object runtime.Object, want []byte) error {
	var got bytes.Buffer
	if err := encoder.Encode(object, &got); err != nil {
		return err
	}
	if bytes.Equal(got.Bytes(), want) {
		return nil
	}
	at := 0
	for at < got.Len() && at < len(want) && got.Bytes()[at] == want[at] {
		at++
	}
	return fmt.Errorf("differs at byte %d: Go has %q, we have %q", at, around(got.Bytes(), at), around(want, at))
}

func around(b []byte, at int) []byte {
	return b[max(0, at-24):min(len(b), at+24)]
}

func sameJSON(a, b []byte) error {
	var left, right any
	if err := json.Unmarshal(a, &left); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &right); err != nil {
		return err
	}
	return difference("", left, right)
}

func difference(path string, a, b any) error {
	l, isMap := a.(map[string]any)
	r, isOther := b.(map[string]any)
	if isMap && isOther {
		for key := range r {
			if _, ok := l[key]; !ok {
				l[key] = "(absent)"
			}
		}
		for key, value := range l {
			other, ok := r[key]
			if !ok {
				other = "(absent)"
			}
			if err := difference(path+"."+key, value, other); err != nil {
				return err
			}
		}
		return nil
	}
	ll, isList := a.([]any)
	rl, isList2 := b.([]any)
	if isList && isList2 && len(ll) == len(rl) {
		for i := range ll {
			if err := difference(fmt.Sprintf("%s[%d]", path, i), ll[i], rl[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%s: Go has %v, we have %v", path, a, b)
	}
	return nil
}
