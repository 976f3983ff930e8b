using System.Runtime.InteropServices;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Boxes on a GPU against the same on the CPU: everything equal to the bit.</summary>
internal sealed class BoxChecks(Checks checks, Device device)
{
    private static readonly BoxForm[] Forms = Enum.GetValues<BoxForm>();

    public void Run()
    {
        checks.That("boxes in other forms", Convert);
        checks.That("boxes cut at the picture", () => TwinRun.Same(device, run =>
        {
            DeviceMemory<float> boxes = run.Up(Boxes(1001, BoxRotation.Angle, 300));
            DeviceBoxes.Clamp(boxes, 5, 200, 150.5f, run.Stream);
            return run.Read(boxes.Cast<int>());
        }));
        checks.That("rows by place", () => TwinRun.Same(device, run =>
        {
            DeviceMemory<int> taken = run.Room<int>(2 * 5 * 3);
            DeviceBoxes.TakeRows(run.Up(Enumerable.Range(0, 2 * 7 * 3).ToArray()), run.Up([6, -1, 0, 3, 99, 1, 1, -1, -1, 2]), 2, 3, taken, run.Stream);
            return run.Read(taken);
        }));
        foreach (BoxRotation rotation in Enum.GetValues<BoxRotation>())
        {
            checks.That($"overlaps, {rotation}", () => Overlaps(rotation));
            checks.That($"suppression, {rotation}", () => Suppression(rotation));
        }

        checks.That("suppression of all but one, of none, of boxes and scores that are no numbers", Extremes);
        checks.That("boxes of anchors, upright", () => Anchors(isRotated: false));
        checks.That("boxes of anchors, turned", () => Anchors(isRotated: true));
    }

    /// <summary>Boxes of a picture's size that overlap much, the same each time.</summary>
    public static float[] Boxes(int count, BoxRotation rotation, float extent = 600, BoxForm form = BoxForm.Corners, int seed = 1)
    {
        Random random = new(seed + count);
        int numbers = BoxGeometry.Numbers(rotation);
        float[] boxes = new float[count * numbers];
        for (int i = 0; i < count; i++)
        {
            Span<float> box = boxes.AsSpan(i * numbers, numbers);
            (float x, float y) = (random.NextSingle() * extent, random.NextSingle() * extent);
            (float w, float h) = (2 + (random.NextSingle() * extent / 4), 2 + (random.NextSingle() * extent / 4));
            (box[0], box[1], box[2], box[3]) = (x, y, w, h);
            BoxGeometry.Convert(box, BoxForm.CentreAndSize, form);
            double angle = (random.NextDouble() - 0.5) * 8;
            if (rotation == BoxRotation.Angle)
            {
                box[4] = (float)angle;
            }
            else if (rotation == BoxRotation.SineCosine)
            {
                (box[4], box[5]) = ((float)(1.5 * Math.Sin(angle)), (float)(1.5 * Math.Cos(angle)));
            }
        }

        return boxes;
    }

    private string? Convert()
    {
        foreach ((BoxForm from, BoxForm to) in Forms.SelectMany(from => Forms.Select(to => (from, to))))
        {
            if (TwinRun.Same(device, run =>
            {
                DeviceMemory<float> converted = run.Room<float>(5 * 777);
                DeviceBoxes.Convert(run.Up(Boxes(777, BoxRotation.Angle)), 5, from, to, converted, run.Stream);
                return run.Read(converted.Cast<int>());
            }) is { } wrong)
            {
                return $"{from} to {to}: {wrong}";
            }
        }

        return null;
    }

    private string? Overlaps(BoxRotation rotation)
    {
        foreach (BoxForm form in Forms)
        {
            float[] one = Boxes(4000, rotation, 100, form, 1), other = Boxes(4000, rotation, 100, form, 2);
            one.AsSpan(0, 600).CopyTo(other); // the same box
            if (TwinRun.Same(device, run =>
            {
                DeviceMemory<float> overlaps = run.Room<float>(4000);
                DeviceBoxes.Overlaps(run.Up(one), run.Up(other), form, rotation, overlaps, run.Stream);
                return run.Read(overlaps.Cast<int>());
            }) is { } wrong)
            {
                return $"{form}: {wrong}";
            }
        }

        return null;
    }

    private string? Suppression(BoxRotation rotation)
    {
        (int Pictures, int Boxes, int Kept, int Classes, SuppressionRule Rule, int? Candidates)[] cases =
        [
            (1, 1, 1, 0, new(0.5f), null),
            (1, 63, 100, 0, new(0.5f), null),
            (2, 64, 64, 2, new(0.3f, 0.2f), null),
            (3, 65, 20, 3, new(0.7f, Form: BoxForm.CentreAndSize), null),
            (2, 1000, 300, 5, new(0.5f, 0.05f, Form: BoxForm.CornerAndSize), null),
            (2, 1000, 1000, 5, new(0.1f, AcrossClasses: true), null),
            (2, 1500, 100, 80, new(0.5f, 0.3f), 333),
            (1, 3000, 3000, 0, new(0), null),
            (0, 10, 10, 0, new(0.5f), null),
        ];
        foreach ((int pictures, int count, int kept, int classes, SuppressionRule rule, int? candidates) in cases)
        {
            SuppressionRule turned = rule with { Rotation = rotation, CountsEndPixels = rotation == BoxRotation.None && kept == 300 };
            float[] boxes = Boxes(pictures * count, rotation, 400, rule.Form);
            float[] scores = ScoreChecks.Values(pictures * count, kept == 64 ? ScoreChecks.Content.Ties : kept == 20 ? ScoreChecks.Content.Odd : ScoreChecks.Content.Uniform);
            int[] kinds = [.. Enumerable.Range(0, pictures * count).Select(i => classes == 0 ? 0 : i * 7 % classes)];
            if (TwinRun.Same(device, run => Kept(run, pictures, count, kept, boxes, scores, classes == 0 ? null : kinds, turned, candidates)) is { } wrong)
            {
                return $"{pictures} x {count}, {turned}: {wrong}";
            }
        }

        return null;
    }

    private string? Extremes()
    {
        float[] same = [.. Enumerable.Range(0, 500).SelectMany(_ => (float[])[10, 10, 20, 20])];
        float[] apart = [.. Enumerable.Range(0, 500).SelectMany(i => (float[])[30 * i, 10, (30 * i) + 20, 20])];
        float[] none = [.. Boxes(500, BoxRotation.None).Select((value, i) => i % 37 == 0 ? float.NaN : i % 41 == 0 ? float.PositiveInfinity : value)];
        float[] scores = ScoreChecks.Values(500, ScoreChecks.Content.Uniform);
        float[] nothing = [.. Enumerable.Repeat(float.NaN, 500)];
        return Check(same, scores, 1) ?? Check(apart, scores, 500) ?? Check(none, scores, null) ?? Check(apart, nothing, 0) ?? Check(same, new float[500], 0);

        string? Check(float[] boxes, float[] values, int? expected)
        {
            SuppressionRule rule = new(0.5f, 0);
            string? wrong = TwinRun.Same(device, run => Kept(run, 1, 500, 500, boxes, values, null, rule, null));
            using TwinRun again = new(device);
            int found = Kept(again, 1, 500, 500, boxes, values, null, rule, null)[^1];
            return wrong ?? (expected is null || expected == found ? null : $"{found} were kept instead of {expected}");
        }
    }

    private static int[] Kept(TwinRun run, int pictures, int count, int kept, float[] boxes, float[] scores, int[]? classes, SuppressionRule rule, int? candidates)
    {
        BoxSuppression suppression = new(pictures, count, kept, rule, candidates);
        DeviceMemory<int> places = run.Room<int>(pictures * kept), counts = run.Room<int>(pictures);
        suppression.Run(run.Up(boxes), run.Up(scores), classes is null ? null : run.Up(classes), places, counts, run.Room<byte>(suppression.WorkspaceBytes), run.Stream);
        return [.. run.Read(places), .. run.Read(counts)];
    }

    private string? Anchors(bool isRotated)
    {
        const int pictures = 2;
        double[] ratios = [1, 2, 0.5], scales = [4, 4 * Math.Pow(2, 1 / 3.0), 4 * Math.Pow(2, 2 / 3.0)];
        AnchorLevel[] levels = [.. new (int Stride, int Height, int Width)[] { (8, 20, 31), (16, 10, 16), (128, 1, 2) }.Select(level => new AnchorLevel
        {
            Classes = 3,
            Height = level.Height,
            Width = level.Width,
            Stride = level.Stride,
            Anchors = isRotated ? AnchorLevel.RotatedCorners(level.Stride, ratios, scales, 3) : AnchorLevel.Corners(level.Stride, ratios, scales),
            IsRotated = isRotated,
        })];
        return TwinRun.Same(device, run =>
        {
            using AnchorDecoding decoding = new(pictures, levels, 0.7f, 300, run.Stream.Device);
            DeviceMemory<float> boxes = run.Room<float>(pictures * decoding.Slots * decoding.Coordinates), scores = run.Room<float>(pictures * decoding.Slots);
            DeviceMemory<int> classes = run.Room<int>(pictures * decoding.Slots);
            DeviceMemory<byte> workspace = run.Room<byte>(decoding.WorkspaceBytes);
            for (int i = 0; i < levels.Length; i++)
            {
                int places = levels[i].AnchorCount * levels[i].Height * levels[i].Width * pictures;
                float[] deltas = [.. ScoreChecks.Values(places * levels[i].Coordinates, ScoreChecks.Content.Uniform).Select(value => (value - 0.5f) * 3)];
                decoding.Run(i, run.Up(ScoreChecks.Values(places * 3, i == 1 ? ScoreChecks.Content.Odd : ScoreChecks.Content.Uniform)), run.Up(deltas), boxes, scores, classes, workspace, run.Stream);
            }

            return (int[])[.. run.Read(boxes.Cast<int>()), .. run.Read(scores.Cast<int>()), .. run.Read(classes)];
        });
    }
}
