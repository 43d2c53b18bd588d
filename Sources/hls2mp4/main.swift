print("hls2mp4")
