"""torchvision and Pillow on the same files: torch_images.py FOLDER OUT_NPZ OUT_JSON

Writes what Pillow decodes and resizes for the first files, and images a second of torchvision's ways from files in memory
(and from files) to a normalised half-precision batch on the GPU.
"""
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms import v2

SIZE, MEAN, STD, ROUNDS, WORKERS = 224, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 4, 16


def references(paths, out):
    arrays = {}
    for i, path in enumerate(paths):
        image = Image.open(path).convert("RGB")
        pixels = np.asarray(image)
        arrays[f"{i}/decoded"] = pixels
        arrays[f"{i}/bilinear"] = np.asarray(image.resize((SIZE, SIZE), Image.BILINEAR))
        planes = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()
        linear = F.interpolate(planes, (SIZE, SIZE), mode="bilinear", align_corners=False, antialias=False)
        arrays[f"{i}/linear"] = linear[0].permute(1, 2, 0).contiguous().numpy()
    np.savez(out, **arrays)


def best(run, count):
    """Images a second of the fastest of some rounds, after one that warms up."""
    run()
    torch.cuda.synchronize()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return count / min(times)


def on_gpu(resize_stacked):
    resize = v2.Resize((SIZE, SIZE), antialias=True)
    finish = v2.Compose([v2.ToDtype(torch.half, scale=True), v2.Normalize(MEAN, STD)])

    def run(files):
        images = decode_jpeg(files, mode=ImageReadMode.RGB, device="cuda")
        return finish(resize(torch.stack(images)) if resize_stacked else torch.stack([resize(image) for image in images]))

    return run


def on_cpu(pool):
    resize = v2.Resize((SIZE, SIZE), antialias=True)
    finish = v2.Compose([v2.ToDtype(torch.half, scale=True), v2.Normalize(MEAN, STD)])

    def one(file):
        return resize(decode_jpeg(file, mode=ImageReadMode.RGB))

    return lambda files: finish(torch.stack(list(pool.map(one, files))).pin_memory().cuda(non_blocking=True))


def main(folder, npz, out):
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".jpg"))
    references(paths[:8], npz)
    files = [read_file(path) for path in paths]
    result = {"torch": torch.__version__, "torchvision": torchvision.__version__, "bytes": sum(len(file) for file in files), "ways": {}}

    def measure(name, run):
        try:
            result["ways"][name] = best(run, len(paths))
        except Exception as error:  # a way that this machine lacks
            result["ways"][name] = 0
            result[name] = str(error)

    def batches(run, size):
        return lambda: [run(files[i : i + size]) for i in range(0, len(files), size)]

    stacked = on_gpu(True)
    for size in (125, 250, 500, 1000):
        measure(f"GPU, batches of {size}", batches(stacked, size))
    measure("GPU, batches of 250, resized one by one", batches(on_gpu(False), 250))
    measure("GPU, batches of 250, decoding alone", batches(lambda some: decode_jpeg(some, mode=ImageReadMode.RGB, device="cuda"), 250))
    torch.set_num_threads(1)
    with ThreadPoolExecutor(WORKERS) as pool:
        cpu = on_cpu(pool)
        measure(f"CPU, {WORKERS} threads, batches of 250", batches(cpu, 250))

        def reading():
            return [stacked(list(pool.map(read_file, paths[i : i + 250]))) for i in range(0, len(paths), 250)]

        measure("GPU, batches of 250, files read too", reading)
        measure(f"CPU, {WORKERS} threads, batches of 250, files read too", lambda: [cpu(list(pool.map(read_file, paths[i : i + 250]))) for i in range(0, len(paths), 250)])
    with open(out, "w") as target:
        json.dump(result, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
