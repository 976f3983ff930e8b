using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Reads what the inline body of a method does.</summary>
internal sealed class BodyReader(AstDocument document, ConstantReader constants)
{
    /// <summary>A forwarding call: the field, the method's declaration, and the arguments where they are not the parameters in order.</summary>
    public sealed record Forward(string Field, AstNode Method, IReadOnlyList<string>? Arguments);

    /// <summary>The one call on an implementation pointer that a wrapper's body makes, or null.</summary>
    public Forward? ReadForward(AstNode method, string scope)
    {
        if (Statements(method) is not [AstNode statement] || FindCall(statement) is not { } call)
        {
            return null;
        }
        AstNode callee = call.Inner[0];
        AstNode holder = callee.Inner.Count == 1 ? ConstantReader.Unwrap(callee.Inner[0]) : callee;
        if (holder.Kind != "MemberExpr" || holder.Inner is not [{ Kind: "CXXThisExpr" } or { Kind: "ImplicitCastExpr" }]
            || document.Find(callee.Text("referencedMemberDecl")) is not { } target)
        {
            return null;
        }
        string[] parameters = [.. method.OfKind("ParmVarDecl").Select(parameter => parameter.Name)];
        string?[] arguments = [.. call.Inner.Skip(1).Select(argument => Argument(argument, scope))];
        if (arguments.Contains(null))
        {
            return null;
        }
        return new Forward(holder.Name, target, parameters.SequenceEqual(arguments) ? null : [.. arguments.OfType<string>()]);
    }

    /// <summary>Kind and version that a body of <c>getInterfaceInfo</c> returns, or null.</summary>
    public InterfaceInfoModel? ReadInterfaceInfo(AstNode method)
    {
        if (Statements(method) is not [{ Kind: "ReturnStmt", Inner: [AstNode value] }])
        {
            return null;
        }
        AstNode list = ConstantReader.Unwrap(value);
        return list.Kind == "InitListExpr" && list.Inner.Count == 3
            && ConstantReader.Unwrap(list.Inner[0]) is { Kind: "StringLiteral" } kind
            && constants.Value(list.Inner[1]) is { } major && constants.Value(list.Inner[2]) is { } minor
                ? new InterfaceInfoModel(kind.Text("value")!.Trim('"'), (int)major, (int)minor)
                : null;
    }

    /// <summary>What the body of a virtual method does, in the words of <see cref="MethodModel.Default"/>; null without a body.</summary>
    public string? ReadDefault(AstNode method, string scope)
    {
        if (Statements(method) is not { } statements)
        {
            return null;
        }
        if (statements.Count == 0)
        {
            return "nothing";
        }
        if (statements is not [AstNode only])
        {
            return "other";
        }
        AstNode value = ConstantReader.Unwrap(only.Kind == "ReturnStmt" && only.Inner.Count == 1 ? only.Inner[0] : only);
        if (value.Kind == "CXXDeleteExpr")
        {
            return "delete";
        }
        if (value.Kind == "CXXMemberCallExpr" && value.Inner[0] is { Kind: "MemberExpr", Inner: [AstNode self] } callee
            && ConstantReader.Unwrap(self).Kind == "CXXThisExpr")
        {
            return "calls:" + callee.Name;
        }
        return only.Kind == "ReturnStmt" ? constants.Text(value, scope) ?? "other" : "other";
    }

    private static List<AstNode>? Statements(AstNode method) =>
        method.Inner.Find(node => node.Kind == "CompoundStmt")?.Inner.FindAll(statement => !(statement.Type == "void" && statement.Kind.EndsWith("CastExpr", StringComparison.Ordinal)));

    // The statement may dereference, cast or copy what the call returns.
    private static AstNode? FindCall(AstNode node)
    {
        while (true)
        {
            if (node.Kind == "CXXMemberCallExpr" && node.Inner[0].Kind == "MemberExpr")
            {
                return node;
            }
            if (node.Inner.Count != 1 || !(node.Kind is "ReturnStmt" or "UnaryOperator" || ConstantReader.Unwrap(node) != node))
            {
                return null;
            }
            node = node.Inner[0];
        }
    }

    private string? Argument(AstNode argument, string scope)
    {
        AstNode node = ConstantReader.Unwrap(argument);
        if (node.Kind == "UnaryOperator" && node.Text("opcode") is "*" or "&" && ConstantReader.Unwrap(node.Inner[0]) is { Kind: "DeclRefExpr" } inner)
        {
            node = inner;
        }
        return node.Kind == "DeclRefExpr" && constants.Referenced(node) is { Kind: "ParmVarDecl" } parameter ? parameter.Name : constants.Text(node, scope);
    }
}
