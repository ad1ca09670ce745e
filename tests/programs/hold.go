package main

import (
	"fmt"
	"time"
)

func main() {
	var blocks [][]byte
	for i := 0; i < 60; i++ {
		block := make([]byte, 1<<20)
		for j := range block {
			block[j] = 1
		}
		blocks = append(blocks, block)
	}
	small := map[int]*[4]int{}
	for i := 0; i < 200000; i++ {
		small[i] = &[4]int{i}
	}
	fmt.Println("ready")
	time.Sleep(time.Hour)
	fmt.Println(len(blocks), len(small))
}
