// Addresses of a name as Go's resolver gives them, or with "get" the status of a page there.
// GODEBUG=netdns=go or netdns=cgo chooses the resolver.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	if os.Args[1] == "get" {
		client := http.Client{Timeout: 30 * time.Second}
		answer, err := client.Get("http://" + os.Args[2] + "/")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(answer.Header.Get("Server-Address"))
		return
	}
	found, err := net.LookupHost(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, address := range found {
		fmt.Println(address)
	}
}
