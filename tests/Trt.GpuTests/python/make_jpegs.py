"""Makes JPEG files of 640x480 that look like photographs to a decoder: make_jpegs.py FOLDER COUNT"""
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 640, 480


def noise(rng, cells):
    """Smooth noise: random numbers on a coarse grid, enlarged."""
    shape = (HEIGHT * cells // WIDTH + 2, cells + 2, 3)
    small = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))
    return np.asarray(small.resize((WIDTH, HEIGHT), Image.BICUBIC), dtype=np.float32) - 128


def make(job):
    folder, index = job
    rng = np.random.default_rng(index)
    picture = 128 + sum(noise(rng, cells) * weight for cells, weight in ((4, 0.7), (16, 0.35), (64, 0.15), (256, 0.08)))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    for _ in range(6):  # edges: half planes and discs of another brightness
        x, y, angle, radius = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(0, np.pi), rng.uniform(30, 150)
        if rng.random() < 0.5:
            inside = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle) > 0
        else:
            inside = (columns - x) ** 2 + (rows - y) ** 2 < radius ** 2
        picture[inside] += rng.uniform(-45, 45, 3)
    picture += rng.normal(0, 3, picture.shape)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    image.save(os.path.join(folder, f"{index:04}.jpg"), quality=90, subsampling="4:2:0")


if __name__ == "__main__":
    target, count = sys.argv[1], int(sys.argv[2])
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, [(target, i) for i in range(count)], chunksize=8))
